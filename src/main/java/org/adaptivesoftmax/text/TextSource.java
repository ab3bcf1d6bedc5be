package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.SourceFile;

/**
 * A text that was counted.
 *
 * @param name of the file, without its directory, or of the corpus
 * @param bytes of the file as it lies there, compressed or not; of a corpus that is no file, of its lines, each ended by LF
 * @param sha256 of these bytes, in hexadecimal
 */
public record TextSource(String name, long bytes, String sha256) {
  static TextSource of(Path file) throws IOException {
    SourceFile source = SourceFile.of(file);
    return new TextSource(source.name(), source.bytes(), source.sha256());
  }
}
