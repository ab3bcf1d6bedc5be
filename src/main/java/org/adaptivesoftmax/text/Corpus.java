package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A text as a source of lines, one sentence each, which can be read any number of times and never lies in memory. */
public interface Corpus {
  /** {@return what the text is called in messages} */
  String name();

  /**
   * Passes every line to an action, in order, without its line end.
   *
   * @param action takes each line
   * @throws TextFileException if the text is missing, empty or malformed
   * @throws IOException if it cannot be read
   */
  void forEachLine(Consumer<String> action) throws IOException;

  /**
   * What the text is made of, read through once: its files, or one source of its lines.
   *
   * @return at least one source
   * @throws TextFileException if the text is missing, empty or malformed
   * @throws IOException if it cannot be read
   */
  default List<TextSource> sources() throws IOException {
    LineDigest digest = new LineDigest();
    forEachLine(digest::add);
    return List.of(digest.source(name()));
  }

  /**
   * The lines of one part.
   *
   * @param split the part
   * @return its lines, in order
   */
  default Corpus part(Split split) {
    return new CorpusPart(this, split);
  }

  /**
   * UTF-8 files, plain or compressed by gzip or Zstandard, read one after the other; lines end in LF or CRLF.
   *
   * @param files at least one
   * @return their lines
   * @throws TextFileException if there is no file in the list, or one of them is no readable file
   */
  static Corpus ofFiles(List<Path> files) throws TextFileException {
    return new FileCorpus(files);
  }

  /**
   * A UTF-8 file, plain or compressed by gzip or Zstandard; lines end in LF or CRLF.
   *
   * @param file the file
   * @return its lines
   * @throws TextFileException if it is no readable file
   */
  static Corpus ofFile(Path file) throws TextFileException {
    return new FileCorpus(List.of(file));
  }

  /**
   * WordNet's definitions and examples, one synset a line. It needs the optional dependency that {@link WordNet} names.
   *
   * @return the lines
   */
  static Corpus wordNet() {
    return new WordNet();
  }
}
