/// One strict, ordered way to read and write JSON documents.
@NullMarked
package dev.mlo.json;

import org.jspecify.annotations.NullMarked;
