package org.adaptivesoftmax.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, all of which are in memory: no path of a request reaches the disk. */
final class PageFiles {
  private static final List<String> SCRIPTS =
      List.of(
          "page.js",
          "dom.js",
          "server.js",
          "answers.js",
          "try.js",
          "compare.js",
          "charts.js",
          "watch.js");
  private static final Map<String, File> FILES = read();

  private PageFiles() {}

  /** A file and its media type. */
  @SuppressWarnings("ArrayRecordComponent")
  record File(String type, byte[] bytes) {}

  static @Nullable File find(String path) {
    return FILES.get(path);
  }

  private static Map<String, File> read() {
    Map<String, File> files = new HashMap<>();
    files.put("/", file("page.html", "text/html; charset=utf-8"));
    files.put("/page/page.css", file("page.css", "text/css; charset=utf-8"));
    files.put("/page/icon.svg", file("icon.svg", "image/svg+xml"));
    for (String script : SCRIPTS) {
      files.put("/page/" + script, file(script, "text/javascript; charset=utf-8"));
    }
    return files;
  }

  private static File file(String name, String type) {
    try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the page's file is missing: " + name);
      }
      return new File(type, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
