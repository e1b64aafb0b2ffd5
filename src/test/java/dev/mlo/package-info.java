/// What holds for all modules at once.
@NullMarked
package dev.mlo;

import org.jspecify.annotations.NullMarked;
