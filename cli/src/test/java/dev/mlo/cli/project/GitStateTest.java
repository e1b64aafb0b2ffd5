package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GitStateTest {
  @TempDir Path directory;

  private static void commit(Git git) throws GitAPIException {
    git.add().addFilepattern(".").call();
    git.commit()
        .setMessage("x")
        .setAuthor("a", "a@b")
        .setCommitter("a", "a@b")
        .setSign(false)
        .call();
  }

  private Git repository(String tag) throws IOException, GitAPIException {
    Git git = Git.init().setDirectory(directory.toFile()).call();
    Files.writeString(Files.createDirectories(directory.resolve("model")).resolve("a"), "1");
    Files.writeString(directory.resolve("other"), "1");
    commit(git);
    git.tag().setName(tag).setAnnotated(false).setSigned(false).call();
    return git;
  }

  private static GitState state(Path directory) {
    return Objects.requireNonNull(GitState.of(directory));
  }

  @Test
  void outsideGitThereIsNoState() {
    assertThat(GitState.of(directory)).isNull();
  }

  @Test
  void whereHeadIsBrokenThereIsNoRepository() throws IOException, GitAPIException {
    repository("v1.2.0").close();
    Files.writeString(directory.resolve(".git/HEAD"), "x");

    assertThat(GitState.of(directory, _ -> fail("git says so, too"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'[broken', '.+', 'git fsck.*'",
    "'[extensions]\nobjectformat = sha256', 'its objects have sha256 names', 'git init.*sha1.*'"
  })
  void ofARepositoryThatCannotBeReadThereIsNoState(String config, String reason, String remedy)
      throws IOException, GitAPIException {
    repository("v1.2.0").close();
    Files.writeString(directory.resolve(".git/config"), config);

    var told = new ArrayList<GitState.Unreadable>();
    assertThat(GitState.of(directory, told::add)).isNull();
    assertThat(told)
        .singleElement()
        .satisfies(unreadable -> {
          assertThat(unreadable.why())
              .matches("the git repository `.*\\.git` cannot be read \\(" + reason + "\\)");
          assertThat(unreadable.remedy()).matches(remedy);
        });
  }

  @Test
  void withoutACommitThereIsNoVersion() throws GitAPIException {
    Git.init().setDirectory(directory.toFile()).call().close();

    assertThat(GitState.of(directory)).isEqualTo(new GitState(null, null, true, null, null, ""));
  }

  @Test
  void aTagOnTheCommitIsTheVersion() throws IOException, GitAPIException {
    try (Git git = repository("v1.2.0")) {
      GitState state = state(directory.resolve("model"));

      assertThat(state.version()).isEqualTo("1.2.0");
      assertThat(state.dirty()).isFalse();
      assertThat(state.commit())
          .isEqualTo(Objects.requireNonNull(git.getRepository().resolve("HEAD")).name());
    }
  }

  @Test
  void commitsAfterTheTagAreCounted() throws IOException, GitAPIException {
    try (Git git = repository("v1.2.0")) {
      Files.writeString(directory.resolve("other"), "2");
      commit(git);

      assertThat(state(directory).version()).matches("1\\.2\\.0-1-g[0-9a-f]{7}");
    }
  }

  @Test
  void changesBelowTheDirectoryMakeItDirty() throws IOException, GitAPIException {
    try (Git git = repository("v1.2.0")) {
      assertThat(git).isNotNull();
      Files.writeString(directory.resolve("other"), "2");
      Files.writeString(directory.resolve("model/new"), "not tracked");
      assertThat(state(directory.resolve("model")).dirty()).isFalse();

      Files.writeString(directory.resolve("model/a"), "2");
      assertThat(state(directory.resolve("model")).version()).isEqualTo("1.2.0-dirty");
    }
  }

  @Test
  void aCommitHasItsTimeItsRepositoryAndThePlaceInIt() throws IOException, GitAPIException {
    try (Git git = repository("v1.2.0")) {
      git.getRepository()
          .getConfig()
          .setString("remote", "upstream", "url", "https://me:secret@example.com/ml/iris.git");
      git.getRepository().getConfig().save();
      GitState state = state(directory.resolve("model"));

      assertThat(state.path()).isEqualTo("model");
      assertThat(state.repository()).isEqualTo("https://example.com/ml/iris.git");
      assertThat(state.committed()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");

      git.checkout().setName(Objects.requireNonNull(state.commit())).call();
      assertThat(state(directory.resolve("model"))).as("detached").isEqualTo(state);
    }
  }

  @Test
  void ofSeveralRemotesOriginCounts() throws IOException, GitAPIException {
    try (Git git = repository("v1")) {
      var config = git.getRepository().getConfig();
      config.setString("remote", "a", "url", "https://example.com/a.git");
      config.setString("remote", "b", "url", "https://example.com/b.git");
      config.save();
      assertThat(state(directory).repository()).isNull();

      config.setString("remote", "origin", "url", "https://example.com/c.git");
      config.save();
      assertThat(state(directory).repository()).isEqualTo("https://example.com/c.git");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/ml/iris.git,https://example.com/ml/iris.git",
    "https://user:pa%40ss@example.com/iris,https://example.com/iris",
    "https://user:p@ss@example.com/iris,https://example.com/iris",
    "https://ghp_0123456789@example.com:8443/iris.git,https://example.com:8443/iris.git",
    "https://example.com/iris.git?token=abc,https://example.com/iris.git",
    "git@example.com:ml/iris.git,ssh://example.com/ml/iris.git",
    "ssh://git@example.com:2222/ml/iris.git,ssh://example.com:2222/ml/iris.git",
    "/home/me/iris,",
    "../iris.git,",
    "file:///home/me/iris,",
    "ext::sh -c secret,",
    "https://example.com/with space,",
    "'',"
  })
  void anAddressIsPublishedWithoutWhatGivesAccess(String url, String address) {
    assertThat(RepositoryAddress.withoutSecrets(url)).isEqualTo(address);
  }

  @ParameterizedTest
  @CsvSource({"v1.0.0,1.0.0", "release/2.0,2.0", "1.0+cpu,1.0-cpu", "very,very", "ä,"})
  void aTagBecomesAnImageTag(String tag, String version) {
    assertThat(new GitState("c", null, false, tag, null, "").version()).isEqualTo(version);
  }
}
