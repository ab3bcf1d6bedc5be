package org.adaptivesoftmax.lifecycle;

import java.util.List;

/**
 * How a model serves the groups of a text.
 *
 * @param slices the text as a whole, and each group
 * @param routing of each group
 */
public record GroupQuality(List<SliceFigures> slices, List<GroupRouting> routing) {
  /** Copies the lists. */
  public GroupQuality {
    slices = List.copyOf(slices);
    routing = List.copyOf(routing);
  }
}
