/// Reads the configuration, wires, starts, stops.
@NullMarked
package dev.mlo.runner;

import org.jspecify.annotations.NullMarked;
