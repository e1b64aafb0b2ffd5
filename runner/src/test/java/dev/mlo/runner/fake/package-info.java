/// An engine that adds a constant, and fails, blocks or lies when its model file says so.
@NullMarked
package dev.mlo.runner.fake;

import org.jspecify.annotations.NullMarked;
