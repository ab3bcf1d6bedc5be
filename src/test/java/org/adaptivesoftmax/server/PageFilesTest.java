package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page's files are all there, and load nothing else. */
class PageFilesTest {
  private static final Path SOURCES =
      Path.of("src/main/resources").resolve("org/adaptivesoftmax/server");
  private static final Pattern NAMED =
      Pattern.compile("(?:(?:href|src)=\"(/page/[^\"]*)\"|from '\\./([^']*)')");

  @Test
  void whatThePageNamesIsServedAndThereIsNoOther() throws IOException {
    Set<String> reached = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(List.of("/"));
    while (!open.isEmpty()) {
      String path = open.pop();
      PageFiles.File file = PageFiles.find(path);
      assertThat(file).as(path).isNotNull();
      if (reached.add(path)) {
        NAMED
            .matcher(new String(file.bytes(), StandardCharsets.UTF_8))
            .results()
            .map(named -> named.group(1) == null ? "/page/" + named.group(2) : named.group(1))
            .filter(named -> !named.endsWith(".json"))
            .forEach(open::push);
      }
    }
    try (var sources = Files.list(SOURCES)) {
      assertThat(sources.map(source -> source.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              reached.stream()
                  .map(path -> path.equals("/") ? "page.html" : path.substring("/page/".length()))
                  .toList());
    }
  }

  @Test
  void nothingComesFromElsewhere() throws IOException {
    try (var sources = Files.list(SOURCES)) {
      for (Path source : sources.toList()) {
        assertThat(Files.readString(source).replace("http://www.w3.org/2000/svg", ""))
            .as(source.toString())
            .doesNotContain("http:", "https:", "innerHTML", "eval(", "document.write");
      }
    }
  }
}
