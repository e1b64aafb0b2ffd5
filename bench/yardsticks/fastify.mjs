// The same model behind fastify and onnxruntime-node: node fastify.mjs MODEL PORT
import Fastify from "fastify";
import ort from "onnxruntime-node";

const [model, port] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
const app = Fastify();
app.post("/v2/models/small/infer", async (request) => {
  const input = request.body.inputs[0];
  const answer = await session.run({
    x: new ort.Tensor("float32", Float32Array.from(input.data), input.shape),
  });
  return {
    model_name: "small",
    outputs: [
      {
        name: "scores",
        datatype: "FP32",
        shape: answer.scores.dims,
        data: Array.from(answer.scores.data),
      },
    ],
  };
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
console.log("ready");
