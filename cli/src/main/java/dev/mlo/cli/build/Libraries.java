package dev.mlo.cli.build;

import java.nio.file.Path;
import java.util.SortedMap;

/// The loader and the libraries that a set of programs and libraries needs: what an image must hold
/// so that they run in it.
///
/// @param files the path in the image to the file here; the loader under the exact path programs
///   ask for, each library under the name it is asked for by, in the directory where the loader
///   looks
/// @param glibc the newest version of the C library that is offered
record Libraries(SortedMap<String, Path> files, String glibc) {}
