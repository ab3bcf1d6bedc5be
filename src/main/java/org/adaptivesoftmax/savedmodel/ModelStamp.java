package org.adaptivesoftmax.savedmodel;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpDef.AttrDef;
import org.tensorflow.proto.OpList;

/**
 * What Python's exporter adds to a model's description for the sake of other versions of TensorFlow: the version that
 * wrote it and the definitions of its operations; and attributes that have their default values are left out, so that a
 * version that does not know them yet can load the model. TensorFlow Java does not tell TensorFlow's git version.
 */
final class ModelStamp {
  private ModelStamp() {}

  static void stamp(MetaGraphDef.Builder metaGraph) {
    Map<String, OpDef> definitions = new HashMap<>();
    TensorFlow.registeredOpList().getOpList().forEach(op -> definitions.put(op.getName(), op));
    Set<String> used = new HashSet<>();
    stamp(metaGraph.getGraphDefBuilder().getNodeBuilderList(), definitions, used);
    metaGraph
        .getGraphDefBuilder()
        .getLibraryBuilder()
        .getFunctionBuilderList()
        .forEach(function -> stamp(function.getNodeDefBuilderList(), definitions, used));
    OpList.Builder ops = OpList.newBuilder();
    used.stream().sorted().forEach(name -> ops.addOp(definitions.get(name)));
    metaGraph
        .getMetaInfoDefBuilder()
        .setTensorflowVersion(TensorFlow.version())
        .setStrippedDefaultAttrs(true)
        .setStrippedOpList(ops);
  }

  private static void stamp(
      List<NodeDef.Builder> nodes, Map<String, OpDef> definitions, Set<String> used) {
    for (NodeDef.Builder node : nodes) {
      OpDef definition = definitions.get(node.getOp());
      if (definition != null) { // a call of a function has none
        used.add(node.getOp());
        definition.getAttrList().forEach(attribute -> leaveOutDefault(node, attribute));
      }
    }
  }

  private static void leaveOutDefault(NodeDef.Builder node, AttrDef attribute) {
    if (attribute.hasDefaultValue()
        && attribute.getDefaultValue().equals(node.getAttrMap().get(attribute.getName()))) {
      node.removeAttr(attribute.getName());
    }
  }
}
