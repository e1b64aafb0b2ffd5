/// Images in a registry, over its HTTP interface (OCI distribution specification).
@NullMarked
package dev.mlo.oci.registry;

import org.jspecify.annotations.NullMarked;
