/// Statements about a digest, kept beside the image they speak of.
@NullMarked
package dev.mlo.attest;

import org.jspecify.annotations.NullMarked;
