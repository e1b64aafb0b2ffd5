/// Looks at images and copies them, whichever place they lie in.
@NullMarked
package dev.mlo.cli.image;

import org.jspecify.annotations.NullMarked;
