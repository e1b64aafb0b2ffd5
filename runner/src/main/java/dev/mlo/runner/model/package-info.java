/// Finds a version, verifies it, opens it.
@NullMarked
package dev.mlo.runner.model;

import org.jspecify.annotations.NullMarked;
