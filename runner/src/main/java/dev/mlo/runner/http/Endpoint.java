package dev.mlo.runner.http;

/// Answers the requests of one route, at once or later; what it throws becomes an error body. Runs
/// on the thread that reads the connections, so it never waits.
@FunctionalInterface
interface Endpoint {
  void handle(Exchange exchange) throws Exception;
}
