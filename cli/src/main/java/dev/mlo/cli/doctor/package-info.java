/// Whether everything `mlo` stands on is as it should be.
@NullMarked
package dev.mlo.cli.doctor;

import org.jspecify.annotations.NullMarked;
