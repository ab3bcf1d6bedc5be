package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.TemporaryDirectory;
import org.adaptivesoftmax.text.Corpus;

/** A corpus as a file of lines, for what reads files alone. It is called as the corpus is, and deleted in the end. */
record CorpusFile(TemporaryDirectory directory, Path path) implements AutoCloseable {
  static CorpusFile of(Corpus corpus) throws IOException {
    TemporaryDirectory directory = TemporaryDirectory.create();
    CorpusFile file = new CorpusFile(directory, directory.path().resolve(corpus.name()));
    try (Writer lines = Files.newBufferedWriter(file.path)) {
      corpus.forEachLine(line -> write(lines, line));
      return file;
    } catch (UncheckedIOException e) {
      file.close();
      throw e.getCause();
    } catch (Throwable failure) {
      file.close();
      throw failure;
    }
  }

  private static void write(Writer lines, String line) {
    try {
      lines.write(line);
      lines.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    directory.close();
  }
}
