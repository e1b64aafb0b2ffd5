/// `mlops.yaml` read into a checked, typed project; all violations at once.
@NullMarked
package dev.mlo.cli.project;

import org.jspecify.annotations.NullMarked;
