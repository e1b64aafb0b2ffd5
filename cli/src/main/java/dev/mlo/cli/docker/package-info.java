/// A Docker Engine: where it is, the images it has, the containers it runs. Nobody else sees
/// docker-java.
@NullMarked
package dev.mlo.cli.docker;

import org.jspecify.annotations.NullMarked;
