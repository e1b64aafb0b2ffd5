/// Runs, tests, swaps and rolls back runners.
@NullMarked
package dev.mlo.cli.deploy;

import org.jspecify.annotations.NullMarked;
