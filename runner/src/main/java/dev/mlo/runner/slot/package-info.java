/// Holds the serving version: lease, stage, test, flip, drain, roll back, journal.
@NullMarked
package dev.mlo.runner.slot;

import org.jspecify.annotations.NullMarked;
