/// What an engine must do: open a model, describe it, infer, close.
@NullMarked
package dev.mlo.backend;

import org.jspecify.annotations.NullMarked;
