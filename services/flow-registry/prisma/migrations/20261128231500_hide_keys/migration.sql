-- Keys that stood in the place of a variable's name were written down in clear. What is compiled from a version is made
-- anew the next time somebody asks for it.
DELETE FROM "compiled_plan";
