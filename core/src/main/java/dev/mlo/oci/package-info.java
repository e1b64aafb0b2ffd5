/// Names, documents and stores of OCI images; copy by digest.
@NullMarked
package dev.mlo.oci;

import org.jspecify.annotations.NullMarked;
