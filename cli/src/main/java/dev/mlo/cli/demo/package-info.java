/// The whole story on the bundled example, by the same use cases as the commands, under load and
/// with every answer checked.
@NullMarked
package dev.mlo.cli.demo;

import org.jspecify.annotations.NullMarked;
