package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
  @TempDir Path directory;

  private Path tree(String name, String text) throws IOException {
    Path tree = directory.resolve(name);
    Files.createDirectories(tree.resolve("a/b"));
    Files.writeString(tree.resolve("a/b/file"), text);
    Files.writeString(tree.resolve("top"), "12345");
    return tree;
  }

  @Test
  void measuresFilesByTheirPaths() throws IOException {
    Path tree = tree("tree", "123");
    assertThat(FileTree.sizes(tree)).containsExactly(entry("a/b/file", 3L), entry("top", 5L));
    assertThat(FileTree.bytes(tree)).isEqualTo(8);
  }

  @Test
  void aTreeTakesTheOthersPlace() throws IOException {
    Path old = tree("old", "old");
    FileTree.moveTo(tree("new", "new"), old);
    assertThat(old.resolve("a/b/file")).hasContent("new");
    assertThat(directory.resolve("new")).doesNotExist();
    FileTree.delete(old);
    FileTree.delete(old);
    assertThat(directory).isEmptyDirectory();
  }
}
