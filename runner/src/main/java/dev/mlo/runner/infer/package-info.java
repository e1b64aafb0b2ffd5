/// One inference from the request to the answer, whatever protocol it came by: which version, the
/// bounded queue and its workers, batches, time limits, counts.
@NullMarked
package dev.mlo.runner.infer;

import org.jspecify.annotations.NullMarked;
