package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeParserTest {
  private static List<Challenge> parse(String... lines) {
    return ChallengeParser.parse(List.of(lines));
  }

  private static Challenge bearer(String... pairs) {
    var parameters = new java.util.HashMap<String, String>();
    for (int i = 0; i < pairs.length; i += 2) {
      parameters.put(pairs[i], pairs[i + 1]);
    }
    return new Challenge("bearer", parameters);
  }

  @Test
  void parametersComeInAnyOrderAndSpacing() {
    Challenge expected =
        bearer("realm", "https://a.example/token", "service", "r", "scope", "repository:a/b:pull");
    assertThat(
            parse(
                "Bearer"
                    + " realm=\"https://a.example/token\",service=\"r\",scope=\"repository:a/b:pull\""))
        .containsExactly(expected);
    assertThat(
            parse(
                "bearer  scope = \"repository:a/b:pull\" ,  service=r,"
                    + " Realm=\"https://a.example/token\""))
        .containsExactly(expected);
  }

  @Test
  void commasAndQuotesInsideQuotesBelongToTheValue() {
    assertThat(
            parse(
                "Bearer realm=\"https://a/?x=1,2\",scope=\"repository:a:pull,push\",error=\"a"
                    + " \\\"b\\\"\""))
        .containsExactly(
            bearer(
                "realm",
                "https://a/?x=1,2",
                "scope",
                "repository:a:pull,push",
                "error",
                "a \"b\""));
  }

  @Test
  void severalChallengesStandInOneLineOrInMany() {
    Challenge basic = new Challenge("basic", Map.of("realm", "x"));
    Challenge bearer = bearer("realm", "https://a/t");
    assertThat(parse("Basic realm=x, Bearer realm=\"https://a/t\"")).containsExactly(basic, bearer);
    assertThat(parse("Basic realm=\"x\"", "Bearer realm=\"https://a/t\""))
        .containsExactly(basic, bearer);
    assertThat(parse("Negotiate YII+/=, Basic realm=x, NTLM"))
        .containsExactly(
            new Challenge("negotiate", Map.of()), basic, new Challenge("ntlm", Map.of()));
  }

  @Test
  void whatIsNoChallengeIsNoneAndHarmsNobody() {
    assertThat(parse("")).isEmpty();
    assertThat(parse("Bearer realm=\"never closed")).isEmpty();
    assertThat(parse("Bearer realm=\"a\u0001b\"")).isEmpty();
    assertThat(parse("x".repeat(100_000))).isEmpty();
    assertThat(parse("Basic realm=x, ".repeat(500))).hasSizeLessThanOrEqualTo(16);
    assertThat(parse("Basic realm=x, =, Bearer realm=y"))
        .contains(new Challenge("basic", Map.of("realm", "x")));
  }
}
