/// What a model file says of itself, read as a stream and without its engine.
@NullMarked
package dev.mlo.cli.model;

import org.jspecify.annotations.NullMarked;
