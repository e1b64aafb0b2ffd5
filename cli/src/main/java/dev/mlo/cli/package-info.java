/// The command `mlo`: root command, converters, exit codes.
@NullMarked
package dev.mlo.cli;

import org.jspecify.annotations.NullMarked;
