package dev.mlo.runner.http;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// The query parameter `wait=30s`: how long a client would wait for news, at most a minute.
final class Wait {
  private static final Pattern FORM = Pattern.compile("(\\d{1,6})(ms|s|m)?");
  private static final Duration MOST = Duration.ofMinutes(1);

  private Wait() {}

  static Duration of(Request request) throws HttpRefusal {
    Fields query = Request.extractQueryParameters(request);
    @Nullable String text = query.getValue("wait");
    if (text == null) {
      return Duration.ZERO;
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new HttpRefusal(400, "malformed", "`wait=" + text + "` is no duration such as 30s");
    }
    long number = Long.parseLong(form.group(1));
    @Nullable String unit = form.group(2);
    Duration asked =
        "ms".equals(unit)
            ? Duration.ofMillis(number)
            : "m".equals(unit) ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    return asked.compareTo(MOST) > 0 ? MOST : asked;
  }
}
