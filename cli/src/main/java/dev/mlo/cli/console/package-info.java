/// Streams, colour, progress, tables, JSON.
@NullMarked
package dev.mlo.cli.console;

import org.jspecify.annotations.NullMarked;
