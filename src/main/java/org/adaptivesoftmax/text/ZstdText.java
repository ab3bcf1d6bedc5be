package org.adaptivesoftmax.text;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Text compressed by Zstandard. Without its library this class does not link. */
final class ZstdText {
  private ZstdText() {}

  static InputStream open(InputStream compressed) throws IOException {
    return new ZstdInputStream(compressed);
  }
}
