/// Open Inference Protocol, health, metrics and admin over HTTP.
@NullMarked
package dev.mlo.runner.http;

import org.jspecify.annotations.NullMarked;
