package org.adaptivesoftmax.internal.graph;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** The part of a graph that some operations need, directly or not. */
public final class ReachableGraph {
  private static final String COLOCATION = "_class";
  private static final String COLOCATION_PREFIX = "loc:@";

  private ReachableGraph() {}

  /**
   * The same graph without the nodes that the roots do not need: through inputs, control dependencies or colocation.
   *
   * @param roots names of operations or tensors
   */
  public static GraphDef of(GraphDef graph, Collection<String> roots) {
    Map<String, NodeDef> nodes = new HashMap<>();
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    roots.forEach(root -> open.add(nodeName(root)));
    while (!open.isEmpty()) {
      String name = open.remove();
      NodeDef node = nodes.get(name);
      if (node != null && needed.add(name)) {
        node.getInputList().forEach(input -> open.add(nodeName(input)));
        open.addAll(colocatedWith(node));
      }
    }
    return graph.toBuilder()
        .clearNode()
        .addAllNode(graph.getNodeList().stream().filter(n -> needed.contains(n.getName())).toList())
        .build();
  }

  /** An input is {@code node}, {@code node:index} or, for a control dependency, {@code ^node}. */
  private static String nodeName(String tensor) {
    String name = tensor.startsWith("^") ? tensor.substring(1) : tensor;
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private static Collection<String> colocatedWith(NodeDef node) {
    if (!node.containsAttr(COLOCATION)) {
      return Set.of();
    }
    return node.getAttrOrThrow(COLOCATION).getList().getSList().stream()
        .map(ByteString::toStringUtf8)
        .filter(name -> name.startsWith(COLOCATION_PREFIX))
        .map(name -> name.substring(COLOCATION_PREFIX.length()))
        .toList();
  }
}
