/// What a model image and a runner say: model card, signature, tensors, slot status, swap request
/// and report.
@NullMarked
package dev.mlo.contract;

import org.jspecify.annotations.NullMarked;
