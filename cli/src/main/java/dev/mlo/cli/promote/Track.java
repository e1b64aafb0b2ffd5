package dev.mlo.cli.promote;

import java.util.ArrayList;
import java.util.List;

/// The way that led an environment to where it is: a promotion goes one on, a rollback goes back.
/// What was rolled back is no part of it, so that two rollbacks in a row go back two.
///
/// @param releases the first one first, the current one last
record Track(List<Release> releases) {
  static Track of(List<LedgerEvent> events) {
    var way = new ArrayList<Release>();
    for (LedgerEvent event : events) {
      switch (event.kind()) {
        case ROLLBACK -> back(way, event.to());
        case PROMOTE -> on(way, event.to());
      }
    }
    return new Track(List.copyOf(way));
  }

  private static void on(List<Release> way, Release to) {
    if (way.isEmpty() || !way.getLast().digest().equals(to.digest())) {
      way.add(to);
    }
  }

  private static void back(List<Release> way, Release to) {
    for (int i = way.size() - 1; i >= 0; i--) {
      if (way.get(i).digest().equals(to.digest())) {
        way.subList(i + 1, way.size()).clear();
        return;
      }
    }
    way.add(to);
  }
}
