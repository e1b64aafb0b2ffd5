package dev.mlo.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// Finds out what a registry lets us do. Nothing of it stays there.
record AccessProbe(Conversation conversation, String repository) {
  RegistryAccess access() throws IOException {
    String place = conversation.address().name() + "/" + repository;
    Optional<Instant> clock = greet("reach " + conversation.address().name());
    String doing = "push to " + place;
    Request begin =
        Request.of("POST", conversation.uri(repository + "/blobs/uploads/"), Scope.push(repository))
            .with(Content.of(new byte[0]));
    try (Reply reply = conversation.send(begin, doing)) {
      if (reply.isPassing()) {
        throw conversation.refusal(reply, doing);
      }
      Words words = reply.words();
      boolean push = reply.status() == 202;
      boolean residue = push && !takenBack(reply, doing);
      String why =
          words.isEmpty() ? "status " + reply.status() : words + ", status " + reply.status();
      return new RegistryAccess(
          conversation.address().base(),
          conversation.account(),
          conversation.wanted(),
          clock,
          push,
          push ? "" : why,
          residue);
    }
  }

  /// The one path that every registry has; some answer there to nobody without an account.
  private Optional<Instant> greet(String doing) throws IOException {
    try (Reply reply = conversation.send(Request.of("GET", conversation.uri("")), doing)) {
      boolean html = reply.type().contains("html");
      if (html || !(reply.isSuccess() || reply.status() == 401 || reply.status() == 403)) {
        throw conversation.refusal(reply, doing);
      }
      return reply.header("Date").flatMap(AccessProbe::time);
    }
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private boolean takenBack(Reply opened, String doing) throws IOException {
    Optional<String> location = opened.header("Location");
    if (location.isEmpty()) {
      return false;
    }
    URI upload = Locations.resolve(opened.uri(), location.get());
    conversation.check(upload);
    Request cancel = Request.of("DELETE", upload, Scope.push(repository));
    try (Reply reply = conversation.send(cancel, doing)) {
      return reply.isSuccess() || reply.status() == 404;
    }
  }
}
