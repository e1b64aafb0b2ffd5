/// Log in to registries and out.
@NullMarked
package dev.mlo.cli.registry;

import org.jspecify.annotations.NullMarked;
