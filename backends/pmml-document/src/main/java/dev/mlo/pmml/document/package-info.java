/// What a PMML document says of itself: read by the command, which has no engine, and by the
/// engine, which must not say anything else.
@NullMarked
package dev.mlo.pmml.document;

import org.jspecify.annotations.NullMarked;
