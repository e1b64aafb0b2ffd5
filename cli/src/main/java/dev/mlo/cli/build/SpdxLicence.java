package dev.mlo.cli.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.mlo.json.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Licences as a bill of materials names them: by their SPDX identifier where they certainly have
/// one, by the name they were given otherwise.
final class SpdxLicence {
  private static final Set<String> IDENTIFIERS =
      Set.of(
          "0BSD",
          "AFL-3.0",
          "AGPL-3.0-only",
          "AGPL-3.0-or-later",
          "Apache-2.0",
          "Artistic-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "BSL-1.0",
          "CC-BY-4.0",
          "CC-BY-NC-4.0",
          "CC-BY-NC-SA-4.0",
          "CC-BY-SA-4.0",
          "CC0-1.0",
          "CDDL-1.0",
          "CDDL-1.1",
          "ECL-2.0",
          "EPL-1.0",
          "EPL-2.0",
          "EUPL-1.2",
          "GPL-2.0-only",
          "GPL-2.0-or-later",
          "GPL-3.0-only",
          "GPL-3.0-or-later",
          "ISC",
          "LGPL-2.1-only",
          "LGPL-2.1-or-later",
          "LGPL-3.0-only",
          "LGPL-3.0-or-later",
          "MIT",
          "MIT-0",
          "MPL-2.0",
          "ODbL-1.0",
          "OFL-1.1",
          "PostgreSQL",
          "Python-2.0",
          "Unlicense",
          "Zlib");

  private static final Set<String> EXCEPTIONS =
      Set.of("Classpath-exception-2.0", "GCC-exception-3.1", "LLVM-exception");

  private static final Pattern OPERATOR = Pattern.compile("\\s+(?:AND|OR|WITH)\\s+");

  private SpdxLicence() {}

  /// The list `licenses` of a component.
  static ArrayNode list(List<String> declared) {
    ArrayNode list = Json.array();
    if (declared.size() == 1 && isExpression(declared.getFirst())) {
      list.addObject().put("expression", declared.getFirst());
      return list;
    }
    for (String licence : declared) {
      String known = identifier(licence);
      var node = list.addObject().putObject("license");
      if (known.isEmpty()) {
        node.put("name", licence);
      } else {
        node.put("id", known);
      }
    }
    return list;
  }

  private static boolean isExpression(String licence) {
    String bare = licence.replaceAll("[()]", " ").strip();
    return OPERATOR.matcher(bare).find()
        && Arrays.stream(OPERATOR.split(bare)).map(String::strip).allMatch(SpdxLicence::isOperand);
  }

  private static boolean isOperand(String word) {
    return IDENTIFIERS.contains(word)
        || EXCEPTIONS.contains(word)
        || word.matches("LicenseRef-[A-Za-z0-9.-]+");
  }

  /// The identifier behind the names that projects commonly give; empty when there is none.
  private static String identifier(String licence) {
    for (String identifier : IDENTIFIERS) {
      if (identifier.equalsIgnoreCase(licence.strip())) {
        return identifier;
      }
    }
    String plain =
        licence
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\b(the|software|license|licence|version|public)\\b|[^a-z0-9.]", "");
    return switch (plain) {
      case "apache2", "apache2.0", "apachev2", "apachev2.0" -> "Apache-2.0";
      case "mit" -> "MIT";
      case "bsdnew", "bsd3clause", "newbsd" -> "BSD-3-Clause";
      case "bsd2clause", "simplifiedbsd" -> "BSD-2-Clause";
      case "eclipse2.0", "eclipsev2.0", "eclipsev.2.0", "epl2.0" -> "EPL-2.0";
      case "mozilla2.0", "mpl2.0" -> "MPL-2.0";
      default -> "";
    };
  }
}
