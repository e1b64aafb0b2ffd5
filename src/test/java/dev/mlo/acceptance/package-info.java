/// Stories told with the installed command; nothing of its classes is used here.
@NullMarked
package dev.mlo.acceptance;

import org.jspecify.annotations.NullMarked;
