package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Files of lines. */
final class FileCorpus implements Corpus {
  private final List<Path> files;

  FileCorpus(List<Path> files) throws TextFileException {
    this.files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new TextFileException("a corpus needs at least one file");
    }
    for (Path file : files) {
      requireReadable(file);
    }
  }

  static void requireReadable(Path file) throws TextFileException {
    if (!Files.exists(file)) {
      throw new TextFileException(file + ": no such file");
    }
    // A pipe can be read only once; a corpus is read more often.
    if (!Files.isRegularFile(file)) {
      throw new TextFileException(file + ": not a regular file");
    }
    if (!Files.isReadable(file)) {
      throw new TextFileException(file + ": not readable");
    }
  }

  @Override
  public String name() {
    return files.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  @Override
  public List<TextSource> sources() throws IOException {
    List<TextSource> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(TextSource.of(file));
    }
    return sources;
  }

  @Override
  public void forEachLine(Consumer<String> action) throws IOException {
    for (Path file : files) {
      boolean[] blank = {true};
      try (InputStream in = CompressedText.open(file)) {
        TextLines.forEach(
            in,
            file.toString(),
            (number, line) -> {
              blank[0] &= line.isBlank();
              action.accept(line);
            });
      }
      if (blank[0]) {
        throw new TextFileException(file + ": empty, a corpus needs at least one line of text");
      }
    }
  }
}
