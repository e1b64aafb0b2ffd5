/// PMML models on PMML4S.
@NullMarked
package dev.mlo.backend.pmml;

import org.jspecify.annotations.NullMarked;
