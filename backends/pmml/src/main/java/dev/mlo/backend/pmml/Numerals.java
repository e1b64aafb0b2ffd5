package dev.mlo.backend.pmml;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.pmml4s.data.DataVal$;

/// How numbers become text. The engine has one formatter for all threads and models: made for the
/// machine's locale, it groups digits and keeps three decimals; and it bears one thread at a time.
final class Numerals {
  /// Held while a model is evaluated that makes text of numbers.
  static final ReentrantLock LOCK = new ReentrantLock();

  private static final int ALL_DIGITS = 340;

  private Numerals() {}

  /// Every digit, no grouping, a point: the same on every machine. Done again at each model it
  /// changes nothing.
  static void settle() {
    LOCK.lock();
    try {
      DecimalFormat format = DataVal$.MODULE$.DefaultDecimalFormat();
      format.setDecimalFormatSymbols(DecimalFormatSymbols.getInstance(Locale.ROOT));
      format.setGroupingUsed(false);
      format.setMaximumFractionDigits(ALL_DIGITS);
    } finally {
      LOCK.unlock();
    }
  }
}
