/// What failed, why, what to try; exit code.
@NullMarked
package dev.mlo.cli.failure;

import org.jspecify.annotations.NullMarked;
