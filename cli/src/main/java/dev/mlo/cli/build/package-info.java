/// Model and project into an image; the shared runner image.
@NullMarked
package dev.mlo.cli.build;

import org.jspecify.annotations.NullMarked;
