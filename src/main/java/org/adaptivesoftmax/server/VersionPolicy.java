package org.adaptivesoftmax.server;

import java.util.Collection;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import org.adaptivesoftmax.internal.io.Require;

/** Which versions of a model are served. */
@FunctionalInterface
interface VersionPolicy {
  /** Of the versions that are there. */
  Set<Long> choose(Collection<Long> found);

  /** The highest ones. */
  static VersionPolicy latest(int count) {
    Require.argument(count >= 1, "num_versions must be at least 1: %s", count);
    return found -> {
      Set<Long> chosen = new TreeSet<>();
      found.stream().sorted(Comparator.reverseOrder()).limit(count).forEach(chosen::add);
      return chosen;
    };
  }

  static VersionPolicy all() {
    return TreeSet::new;
  }

  static VersionPolicy specific(Collection<Long> versions) {
    Set<Long> wanted = new TreeSet<>(versions);
    Require.argument(!wanted.isEmpty(), "specific must name a version");
    return found -> {
      Set<Long> chosen = new TreeSet<>(wanted);
      chosen.retainAll(found);
      return chosen;
    };
  }
}
